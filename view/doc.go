// Package view has the read models of the dashboard: what people look at, made of what
// the ledger and the store hold anyway, so that a page costs no scan of either. Each is a
// package of its own, and knows nothing of HTTP; app gives them what they read, and web
// shows what they give. All of it is derived, and bounded: it can be forgotten at any time.
package view
