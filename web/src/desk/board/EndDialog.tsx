import { App, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useDesk } from '../desk';
import type { Chat } from '../wire';
import { wordsOf } from '../words';
import { useBoardWords } from './words';

interface Fields {
  words: string;
  why: string;
}

/** Ends a talk whoever has it: with words for the customer, and a reason for the log. */
export function EndDialog({ chat, onClose }: { chat: Chat; onClose: () => void }) {
  const desk = useDesk();
  const say = useBoardWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<Fields>();
  const [busy, setBusy] = useState(false);
  const end = async ({ words, why }: Fields): Promise<void> => {
    setBusy(true);
    try {
      await desk.move(chat.id, 'end', { words: words.trim(), why: why.trim() });
      void message.success(say('ended'));
      onClose();
    } catch (error) {
      void message.error(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={`${say('endTitle')} · ${chat.customer.name}`}
      okText={say('end')}
      cancelText={say('cancel')}
      okButtonProps={{ danger: true, loading: busy }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ words: say('endWordsDefault'), why: '' }}
        onFinish={(fields) => void end(fields)}
      >
        <Form.Item
          name="words"
          label={say('endWords')}
          rules={[{ required: true, whitespace: true, message: say('endWordsMissing') }]}
        >
          <Input.TextArea rows={3} maxLength={500} />
        </Form.Item>
        <Form.Item
          name="why"
          label={say('endWhy')}
          rules={[{ required: true, whitespace: true, message: say('endWhyMissing') }]}
        >
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
