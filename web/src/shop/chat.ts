/** The chat on the demo shop's page: the same widget, over the same interface, as on any merchant's. */

import type { Widget } from '../widget/loader';

type Listen = (widget: Widget) => void;

let ready: Widget | null = null;
const waiting: Listen[] = [];

/** Calls back with the widget as soon as it is there. */
export function withChat(listen: Listen): void {
  if (ready) listen(ready);
  else waiting.push(listen);
}

/** Says how the chat begins; the widget's own script comes after this one. */
export function configureChat(options: object): void {
  (window as unknown as { Sixty: object }).Sixty = {
    ...options,
    onReady(widget: Widget) {
      ready = widget;
      waiting.splice(0).forEach((listen) => listen(widget));
    },
  };
}
