package main

import (
	"context"
	"fmt"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/site"
	"wgpucnn/cmd/wgpucnn/internal/terminal"

	"github.com/spf13/pflag"
)

// webSettings are the values of web's flags.
type webSettings struct {
	port   int
	noOpen bool
}

func webFlags(s *webSettings) *pflag.FlagSet {
	flags := cmdline.New("web")
	flags.IntVar(&s.port, "port", 0, "port to serve on; 0 for a free one")
	flags.BoolVar(&s.noOpen, "no-open", false, "do not open a browser")
	return flags
}

func webHelp() string {
	var s webSettings
	return `wgpucnn web serves the page on which a browser trains.

usage: wgpucnn web [FLAG]... [FOLDER]

FOLDER is what "make web" builds: the page, and this program compiled for the
browser. The default is the folder web beside this program. The page is served on
127.0.0.1, which other machines do not reach, and a browser opens it. Ctrl-C ends
the command.

The browser needs WebGPU. The page says so if it is missing.

` + manual.Flags(webFlags(&s)) + `
  wgpucnn web
  wgpucnn web --port 8080 --no-open site
`
}

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
