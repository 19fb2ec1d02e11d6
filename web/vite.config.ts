import react from '@vitejs/plugin-react';
import type { Plugin } from 'postcss';
import { defineConfig } from 'vitest/config';

const DESK = 'http://127.0.0.1:8600';

/** ChatUI's sheet names fonts on a stranger's server; the page fetches nothing but its own files. */
const noRemoteFonts: Plugin = {
  postcssPlugin: 'no-remote-fonts',
  AtRule: {
    'font-face': (rule) => {
      if (/url\(['"]?(https?:)?\/\//.test(rule.toString())) rule.remove();
    },
  },
};

/** The demo shop's page, the chat's and the workbench's. The widget's loader is built apart: vite.widget.config.ts. */
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
    rolldownOptions: { input: { shop: 'index.html', chat: 'chat.html', desk: 'desk.html' } },
  },
  css: { postcss: { plugins: [noRemoteFonts] } },
  server: {
    // Beside a running desk, whose last built loader is taken.
    proxy: {
      '/api': DESK,
      '/pictures': DESK,
      '/widget.js': DESK,
      '^/desk($|\\?)': { target: DESK, bypass: () => '/desk.html' },
      '^/chat($|\\?)': { target: DESK, bypass: () => '/chat.html' },
    },
  },
  test: { environment: 'node', include: ['tests/**/*.test.ts'] },
});
