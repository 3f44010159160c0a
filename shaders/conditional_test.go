package shaders

import (
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	constants := Constants{{"QUADS", true}, {"RELU", false}, {"RUN", 4}}
	for _, c := range []struct{ name, text, want string }{
		{"no attribute", "if QUADS { a; }", "if QUADS { a; }"},
		{"a declaration that stays", "@if(QUADS) var<storage> y: array<vec4<f32>>;\nrest", " var<storage> y: array<vec4<f32>>;\nrest"},
		{"one that goes", "@if(!QUADS) var<storage> y: array<f32>;\nrest", "\nrest"},
		{"a function that goes", "a\n@if(RELU)\nfn f() {\n  if a { b; }\n}\nrest", "a\n\n\n\n\nrest"},
		{"a function that stays", "@if(!RELU) fn f() { if a { b; } } rest", " fn f() { if a { b; } } rest"},
		{"a block in a function", "fn f() { @if(RELU) { a; } @if(QUADS) { b; } c; }", "fn f() {   { b; } c; }"},
		{"one within another", "@if(QUADS) { @if(RELU) { a; } b; }", " {  b; }"},
		{"one within another that goes", "@if(RELU) { @if(QUADS) { a; } b; } c", " c"},
	} {
		got, err := choose(c.text, constants, Source{}.place)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

// An attribute that means nothing is an error with file and line.
func TestChooseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"@if QUADS var x;", "want @if(NAME) or @if(!NAME)"},
		{"@if(QUADS && RELU) var x;", "want @if(NAME) or @if(!NAME)"},
		{"@if(OTHER) var x;", "@if(OTHER): no constant has that name"},
		{"@if(!RUN) var x;", "@if(!RUN): the constant is 4: want a bool"},
		{"@if(RELU) fn f() {", "no declaration and no block follows"},
		{"@if(RELU)", "no declaration and no block follows"},
	} {
		source, err := Parse("test", "#import shut\n// comment\n\n@if(QUADS) var<private> a: u32;\n"+c.text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = source.Specialise("f", Constants{{"QUADS", true}, {"RELU", false}, {"RUN", 4}})
		if err == nil || !strings.HasPrefix(err.Error(), "shaders: test.wgsl:5: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want line 5 and %q", c.text, err, c.want)
		}
	}
}
