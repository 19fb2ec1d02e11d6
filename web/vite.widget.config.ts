import { defineConfig } from 'vite';

/** `/widget.js`: one classic script under a name that never changes, as it stands in other people's pages. */
export default defineConfig({
  publicDir: false,
  build: {
    target: 'es2020',
    emptyOutDir: false,
    lib: {
      entry: 'src/widget/loader.ts',
      formats: ['iife'],
      name: 'SixtyWidget',
      fileName: () => 'widget.js',
    },
  },
});
