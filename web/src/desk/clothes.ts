import { createContext } from 'react';

export type Theme = 'light' | 'dark' | 'auto';
export interface Clothes {
  theme: Theme;
  setTheme: (theme: Theme) => void;
}

export const ClothesContext = createContext<Clothes>({ theme: 'auto', setTheme: () => undefined });
