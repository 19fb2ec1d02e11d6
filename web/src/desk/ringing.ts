/** A sound and a notification, when a customer needs somebody who is not looking. */

import type { Alert } from './wire';

let context: AudioContext | undefined;

/** Two short notes, made here: no file is fetched for them. */
export function ring(urgent: boolean): void {
  try {
    context ??= new AudioContext();
    void context.resume();
    const notes = urgent ? [880, 660, 880] : [660, 880];
    notes.forEach((pitch, place) => note(pitch, place * 0.16));
  } catch {
    /* a browser without sound */
  }
}

function note(pitch: number, after: number): void {
  if (!context) return;
  const begin = context.currentTime + after;
  const [tone, volume] = [context.createOscillator(), context.createGain()];
  tone.frequency.value = pitch;
  tone.type = 'sine';
  volume.gain.setValueAtTime(0.0001, begin);
  volume.gain.exponentialRampToValueAtTime(0.16, begin + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.22);
  tone.connect(volume).connect(context.destination);
  tone.start(begin);
  tone.stop(begin + 0.24);
}

/** Shows a notification while nobody looks at the page; a tap on it opens the conversation. */
export function notify(alert: Alert, onOpen: (alert: Alert) => void): void {
  notifyOf(alert.title, alert.text, alert.chat ?? alert.text, () => onOpen(alert));
}

/** The same of anything; one with the same tag takes its place. */
export function notifyOf(title: string, text: string, tag: string, onOpen: () => void): void {
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return;
  if (document.visibilityState === 'visible' && document.hasFocus()) return;
  try {
    const shown = new Notification(title, { body: text, tag, icon: '/icon.svg' });
    shown.onclick = () => {
      window.focus();
      shown.close();
      onOpen();
    };
  } catch {
    /* phones allow none from a page */
  }
}

export async function mayNotify(): Promise<boolean> {
  if (typeof Notification === 'undefined') return false;
  if (Notification.permission !== 'default') return Notification.permission === 'granted';
  return (await Notification.requestPermission()) === 'granted';
}
