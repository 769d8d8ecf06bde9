// Package web is the HTTP side of Earshot: pages for people, a REST API for programs, and what an operator watches.
//
//	server, err := web.New(web.Config{Store: store, Evidence: store, Pulses: store, Queue: conn, Search: searcher,
//		Render: render, Ready: ready, Registry: registry, Log: log})
//	if err != nil {
//		return err
//	}
//	listener, err := web.Listen(ctx, "127.0.0.1:8321")
//	if err != nil {
//		return err
//	}
//	err = server.Serve(ctx, listener) // until ctx ends
//
// Pages are made on the server and hold no script; a strict content security policy stands behind the escaping of
// html/template, since every name and every text on them was written by a stranger. Feedback is taken at POST
// /v1/feedback and acknowledged with 202 only when the queue says that it is on disk. The API is described at
// /openapi.json.
package web
