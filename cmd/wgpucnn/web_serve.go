//go:build !js

package main

import (
	"context"
	"fmt"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/site"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
)

// serveWeb serves the page until ctx is done.
func serveWeb(ctx context.Context, args []string, out streams) error {
	var s webSettings
	rest, err := cmdline.ParseFiles(webFlags(&s), args)
	if err != nil {
		return err
	}
	if s.port < 0 || s.port > 65535 {
		return fail.Usagef("web: --port %d: want 0 to 65535", s.port)
	}
	if len(rest) > 1 {
		return fail.Usagef("web: unexpected %s: want one folder", rest[1])
	}
	folder, err := site.Folder(rest)
	if err != nil {
		return fmt.Errorf("web: %w", err)
	}
	server, err := site.Listen(folder, s.port)
	if err != nil {
		return fmt.Errorf("web: --port %d: %w", s.port, err)
	}
	terminal.Say(out.out, "%s  Ctrl-C ends this.\n", server.Address)
	if !s.noOpen {
		if err := site.Open(ctx, server.Address); err != nil {
			terminal.Say(out.err, "wgpucnn: no browser opened: %v: open the address yourself\n", err)
		}
	}
	if err := server.Serve(ctx); err != nil {
		return fmt.Errorf("web: %w", err)
	}
	return nil
}
