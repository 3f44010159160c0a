package manual

import (
	"fmt"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/terminal"
)

// pageColumns is the width of a command's help in the man page, which indents the text.
const pageColumns = 70

// Page returns the help of all commands and topics as a man page of section 1. exit is the text
// about the exit status.
func Page(version string, commands []Command, exit string) string {
	var page strings.Builder
	fmt.Fprintf(&page, `.TH WGPUCNN 1 "" "wgpucnn %s"
.SH NAME
wgpucnn \- train convolutional networks on any GPU, through WebGPU
.SH SYNOPSIS
.B wgpucnn
.I COMMAND
[\fIFLAG\fR]...
.SH COMMANDS
`, roff(version))
	for _, c := range commands {
		fmt.Fprintf(&page, ".SS %s\n%s", c.Name, roffParagraphs(terminal.Reflow(c.Help, pageColumns)))
	}
	page.WriteString(".SH TOPICS\n")
	for _, t := range Topics() {
		fmt.Fprintf(&page, ".SS %s: %s\n%s", t.Name, roff(t.Brief), roffParagraphs(t.Text))
	}
	fmt.Fprintf(&page, ".SH EXIT STATUS\n%s", roff(exit))
	return page.String()
}

// roffParagraphs returns a text in roff. It lets roff fill the paragraphs, except those with an
// indented line.
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

// roff escapes the characters that have a meaning in roff.
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
