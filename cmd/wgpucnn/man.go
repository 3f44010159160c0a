package main

import (
	"fmt"
	"strings"
	"syscall"

	"wgpucnn/cmd/wgpucnn/internal/signals"
	"wgpucnn/cmd/wgpucnn/internal/version"
)

// manColumns is where the lines about flags are broken in the man page, which indents them.
const manColumns = 70

// manPage returns the help of all commands and topics as a man page of section 1.
func manPage() string {
	var page strings.Builder
	fmt.Fprintf(&page, `.TH WGPUCNN 1 "" "wgpucnn %s"
.SH NAME
wgpucnn \- train convolutional networks on any GPU, through WebGPU
.SH SYNOPSIS
.B wgpucnn
.I COMMAND
[\fIFLAG\fR]...
.SH COMMANDS
`, roff(version.Program()))
	for _, c := range commands() {
		fmt.Fprintf(&page, ".SS %s\n%s", c.name, roffParagraphs(c.text(manColumns)))
	}
	page.WriteString(".SH TOPICS\n")
	for _, t := range topics() {
		fmt.Fprintf(&page, ".SS %s: %s\n%s", t.name, roff(t.brief), roffParagraphs(t.text))
	}
	fmt.Fprintf(&page, `.SH EXIT STATUS
%d where all went well, %d for a failure, %d for a mistake on the command line. A command that a signal stopped
returns 128 plus the signal: %d after Ctrl\-C, %d after SIGTERM, %d when the terminal closed, %d when the reader of the
output has gone.
`, exitOK, exitFailure, exitUsage, signals.Caught(syscall.SIGINT).Status(), signals.Caught(syscall.SIGTERM).Status(),
		signals.Caught(syscall.SIGHUP).Status(), signals.Caught(syscall.SIGPIPE).Status())
	return page.String()
}

// roffParagraphs returns a text in roff: paragraphs are filled, but for those with an
// indented line, whose lines stay.
func roffParagraphs(text string) string {
	var out strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if strings.HasPrefix(paragraph, " ") || strings.Contains(paragraph, "\n ") {
			fmt.Fprintf(&out, ".PP\n.nf\n%s\n.fi\n", roff(paragraph))
		} else {
			fmt.Fprintf(&out, ".PP\n%s\n", roff(paragraph))
		}
	}
	return out.String()
}

// roff escapes what roff would read as more than text.
func roff(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(line)
		if strings.HasPrefix(line, ".") {
			line = `\&` + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
