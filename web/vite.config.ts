import react from '@vitejs/plugin-react';
import type { Plugin } from 'postcss';
import { defineConfig } from 'vitest/config';

/** ChatUI's sheet names fonts on a stranger's server; the page fetches nothing but its own files. */
const noRemoteFonts: Plugin = {
  postcssPlugin: 'no-remote-fonts',
  AtRule: {
    'font-face': (rule) => {
      if (/url\(['"]?(https?:)?\/\//.test(rule.toString())) rule.remove();
    },
  },
};

export default defineConfig({
  plugins: [react()],
  resolve: {
    // @chatui/core names its whole bundle as "browser"; its modules come first here, so that only what is used is kept.
    mainFields: ['module', 'browser', 'main'],
  },
  build: {
    target: 'es2020',
    // Inlined pictures and fonts would ask for a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  css: { postcss: { plugins: [noRemoteFonts] } },
  server: {
    // `npm run dev` beside a running desk.
    proxy: { '/api': 'http://127.0.0.1:8600', '/pictures': 'http://127.0.0.1:8600' },
  },
  test: { environment: 'node', include: ['tests/**/*.test.ts'] },
});
