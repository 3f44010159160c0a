package main

import (
	"context"
	"errors"
)

// serveWeb serves nothing: the program is in the page.
func serveWeb(context.Context, []string, streams) error {
	return errors.New("web: this is the page that web serves: it cannot serve another")
}
