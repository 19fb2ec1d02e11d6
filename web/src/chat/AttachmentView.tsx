import { Icon } from '../Icon';
import type { Attachment } from './wire';

function showSize(bytes: number): string {
  return bytes >= 1_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1000))} KB`;
}

/** A picture, a voice, a film or a file, as it can be shown. */
export function AttachmentView({ attachment: { url, kind, name, size } }: { attachment: Attachment }) {
  switch (kind) {
    case 'picture':
      return (
        <a className="Attached" href={url} target="_blank" rel="noopener noreferrer" aria-label={name || '图片'}>
          <img src={url} alt={name || '图片'} decoding="async" />
        </a>
      );
    case 'voice':
      // eslint-disable-next-line jsx-a11y/media-has-caption
      return <audio className="Attached" src={url} controls preload="none" aria-label={name || '语音'} />;
    case 'video':
      // eslint-disable-next-line jsx-a11y/media-has-caption
      return <video className="Attached" src={url} controls preload="metadata" aria-label={name || '视频'} />;
    case 'file':
      return (
        <a className="Attached Attached--file" href={url} target="_blank" rel="noopener noreferrer">
          <Icon name="file" />
          <span>{name || '文件'}</span>
          {size !== null && <small>{showSize(size)}</small>}
        </a>
      );
  }
}
