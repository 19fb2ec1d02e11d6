import { App } from 'antd';
import { useEffect } from 'react';
import { useDesk } from '../desk';
import { goTo } from '../place';
import { notifyOf, ring } from '../ringing';
import type { AlarmGiven } from '../wire';
import { measured } from './telling';

/** Rings and notifies when an alarm is given, wherever a supervisor is in the workbench. */
export function useAlarms(): void {
  const desk = useDesk();
  const { notification } = App.useApp();
  useEffect(
    () =>
      desk.hear((name, data) => {
        if (name !== 'alarm') return;
        const alarm = data as unknown as AlarmGiven;
        const key = `alarm-${alarm.id}`;
        if (alarm.state !== 'open') {
          notification.destroy(key);
          return;
        }
        const { account, groups } = desk.getSnapshot().me;
        const where = groups.find(({ id }) => id === alarm.group)?.title;
        const text = [where, measured(alarm)].filter(Boolean).join(' · ');
        const look = () => goTo({ page: 'supervision', chat: null });
        if (account.sound) ring(alarm.urgent);
        if (account.notify) notifyOf(alarm.title, text, key, look);
        notification.warning({
          key,
          message: alarm.title,
          description: text,
          onClick: () => {
            notification.destroy(key);
            look();
          },
        });
      }),
    [desk, notification],
  );
}
