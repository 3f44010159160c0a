package main

import (
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/manual"

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
