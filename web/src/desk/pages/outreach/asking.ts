/** Asks what the pages on reminders want to know, and tells what somebody has decided. */

import { useMemo } from 'react';
import type { Api } from '../../api';
import { useDesk } from '../../desk';

type Query = Readonly<Record<string, string | number | null>>;

export class Asking {
  private readonly api: Api;

  constructor(api: Api) {
    this.api = api;
  }

  read = async <T>(path: string, query: Query = {}): Promise<T> => {
    const asked = Object.entries(query).flatMap(([name, value]) =>
      value === null || value === '' ? [] : [[name, String(value)]],
    );
    const words = new URLSearchParams(asked).toString();
    return this.api.call<T>('GET', `/outreach${path}${words && `?${words}`}`);
  };

  write = async <T>(path: string, body: Readonly<Record<string, unknown>> = {}): Promise<T> =>
    this.api.call<T>('POST', `/outreach${path}`, body);
}

export function useAsking(): Asking {
  const { api } = useDesk();
  return useMemo(() => new Asking(api), [api]);
}
