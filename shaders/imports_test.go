package shaders

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// parts are parts that import one another.
var parts = fstest.MapFS{
	"parts/base.wgsl":  {Data: []byte("fn base() {}\n")},
	"parts/left.wgsl":  {Data: []byte("// Why.\n#import base\nfn left() { base(); }\n")},
	"parts/right.wgsl": {Data: []byte("#import base // for right\n#import base\n\nfn right() { base(); }")},
	"parts/egg.wgsl":   {Data: []byte("#import hen\n")},
	"parts/hen.wgsl":   {Data: []byte("\n#import egg\n")},
	"parts/lost.wgsl":  {Data: []byte("#import nowhere\n")},
	"parts/stage.wgsl": {Data: []byte("#import base\nfn $load() { base($SIZE, $Sums); }\n")},
}

// Each part is written once, before what imports it. Lines keep their numbers.
func TestImports(t *testing.T) {
	l := linker{from: parts}
	if err := l.add("test.wgsl", "/* A\nfile. #import none */\n#import right\n  #import left\nfn main() {} // #import none\n"); err != nil {
		t.Fatal(err)
	}
	want := "fn base() {}\n" + "\n\n\nfn right() { base(); }\n" + "\n\nfn left() { base(); }\n" + "\n \n\n\nfn main() {} \n"
	if got := l.text.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := []string{"base", "right", "left"}; !slices.Equal(l.parts, want) {
		t.Errorf("parts %v, want %v", l.parts, want)
	}
	source := Source{Name: "test", files: l.files}
	for line, want := range []string{
		"parts/base.wgsl:1", "parts/right.wgsl:1", "parts/right.wgsl:2", "parts/right.wgsl:3", "parts/right.wgsl:4",
		"parts/left.wgsl:1", "parts/left.wgsl:2", "parts/left.wgsl:3", "test.wgsl:1",
	} {
		if got := source.place(line); got != want {
			t.Errorf("line %d is %s, want %s", line, got, want)
		}
	}
}

// A part is written once for each name that it is imported under. Its own imports are written once.
func TestImportAs(t *testing.T) {
	l := linker{from: parts}
	if err := l.add("test.wgsl", "#import stage as first\n#import stage as first\n#import stage as back\n"); err != nil {
		t.Fatal(err)
	}
	want := "fn base() {}\n" + "\nfn first_load() { base(FIRST_SIZE, first_Sums); }\n" + "\nfn back_load() { base(BACK_SIZE, back_Sums); }\n" + "\n\n\n"
	if got := l.text.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := []string{"base", "stage"}; !slices.Equal(l.parts, want) {
		t.Errorf("parts %v, want %v", l.parts, want)
	}
}

// A condition of an import is one of each declaration of the part and of what the part imports. What is
// there without a condition stays without one.
func TestImportIf(t *testing.T) {
	parts := fstest.MapFS{
		"parts/inner.wgsl": {Data: []byte("const one = 1u;\n")},
		"parts/outer.wgsl": {Data: []byte("@if(B) #import inner\n\nstruct Two { a: u32, }\n@if(C) fn two() { if A { } }\n")},
	}
	l := linker{from: parts}
	if err := l.add("test.wgsl", "@if(A) #import outer\nfn main() {}\n"); err != nil {
		t.Fatal(err)
	}
	want := "@if(A) @if(B) const one = 1u;\n" + "\n\n@if(A) struct Two { a: u32, }\n@if(A) @if(C) fn two() { if A { } }\n" + "\nfn main() {}\n"
	if got := l.text.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	l = linker{from: parts}
	if err := l.add("test.wgsl", "#import inner\n@if(B) #import inner\n"); err != nil {
		t.Fatal(err)
	}
	if got, want := l.text.String(), "const one = 1u;\n\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestImportErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown", "// A file.\n#import none", "test.wgsl:2: no part none: want one of base, egg, hen"},
		{"unknown to a part", "\n\n#import lost", "test.wgsl:3: parts/lost.wgsl:1: no part nowhere"},
		{"behind code", "#import base\nfn a() {}\n#import left", `test.wgsl:3: "#import left": imports come before the code`},
		{"within a line", "fn a() {} #import base", `test.wgsl:1: "fn a() {} #import base": want "#import NAME"`},
		{"without a name", "#import", `test.wgsl:1: "#import": want "#import NAME"`},
		{"no name behind as", "#import base as", `test.wgsl:1: "#import base as": want`},
		{"two names", "#import base left", `test.wgsl:1: "#import base left": want`},
		{"a path", "#import ../base", `test.wgsl:1: "#import ../base": want`},
		{"another word", "#include base", `test.wgsl:1: "#include base": want`},
		{"another condition", "@if(A) #import left\n@if(B) #import left", "test.wgsl:2: part left is imported twice, under other conditions"},
		{"no condition of a name", "@if (A) #import left", `test.wgsl:1: "@if (A) #import left": want`},
		{"a circle", "#import egg", "test.wgsl:1: parts/egg.wgsl:1: parts/hen.wgsl:2: part egg imports itself: egg imports hen imports egg"},
	} {
		l := linker{from: parts}
		if err := l.add("test.wgsl", c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v; want an error with %q", c.name, err, c.want)
		}
	}
	if _, err := Parse("test", "\n#import none"); err == nil || !strings.HasPrefix(err.Error(), "shaders: test.wgsl:2: no part none: want one of augment, blocks, ") {
		t.Errorf("got %v", err)
	}
}

// Every part is there for some file.
func TestPartsAreImported(t *testing.T) {
	imported := map[string]bool{}
	for _, name := range Names() {
		source, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range source.Parts {
			imported[part] = true
		}
	}
	for _, part := range names(files, "parts") {
		if !imported[part] {
			t.Errorf("no file imports the part %s", part)
		}
	}
}
