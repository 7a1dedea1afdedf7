import { defineConfig } from "vite";

// The built bytes are committed, so nothing of the machine may be in them. The policy
// of the server lets no script or style stand in the page, nor anything come as data:.
export default defineConfig({
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    cssCodeSplit: false,
  },
  server: { proxy: { "/api": { target: process.env.FLEETSCORE_URL ?? "http://127.0.0.1:8321" } } },
});
