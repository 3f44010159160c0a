package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	linkPattern    = regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]*)?\)`)
	pathPattern    = regexp.MustCompile("`([\\w.~-]+)((?:/[\\w.-]+)+/?)`")
	headingPattern = regexp.MustCompile(`(?m)^#+ (.*)$`)
	unslugged      = regexp.MustCompile(`[^\w\- ]`)
)

// documentation returns the pages of the documentation by their paths.
func documentation(t *testing.T, root string) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, pattern := range []string{"/*.md", "/docs/*.md", "/shaders/*.md", "/testdata/*/*.md"} {
		paths, err := filepath.Glob(root + pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no pages %s: %v", pattern, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			pages[path] = string(text)
		}
	}
	return pages
}

// The links and paths of the documentation have targets.
func TestDocs(t *testing.T) {
	const root = "../.."
	for page, text := range documentation(t, root) {
		for _, dead := range deadEnds(root, page, text) {
			t.Errorf("%s: there is no %s", page, dead)
		}
	}
	got := deadEnds(root, root+"/docs/page.md", "# A page\n[a](engine.md#nothing) [b](nothing.md) `nn/nothing.go` [c](#a-page) `nn/lab.go` `runs/lab`")
	if want := []string{"engine.md#nothing", "nothing.md", "nn/nothing.go"}; !slices.Equal(got, want) {
		t.Errorf("of a page with dead ends: got %q, want %q", got, want)
	}
}

// The case that shaders/README.md shows is the code of nn/verify.
func TestDocsCase(t *testing.T) {
	page, err := os.ReadFile("../../shaders/README.md")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("../../nn/verify/add.go")
	if err != nil {
		t.Fatal(err)
	}
	block := goBlock.FindSubmatch(page)
	if block == nil {
		t.Fatal("the page has no Go code")
	}
	for function := range strings.SplitSeq(strings.TrimSpace(string(block[1])), "\n\n") {
		if !strings.Contains(string(code), function+"\n") {
			t.Errorf("nn/verify/add.go has no\n%s", function)
		}
	}
}

// The code in docs/testing-shaders.md is that of the tests of shaders/shadertest. The first test is a file
// of another package.
func TestDocsShadertest(t *testing.T) {
	page, err := os.ReadFile("../../docs/testing-shaders.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := goBlock.FindAllSubmatch(page, -1)
	files := []string{"saxpy_test.go", "planted_test.go", "gradient_test.go"}
	if len(blocks) != len(files) {
		t.Fatalf("the page has %d blocks of Go code, want %d", len(blocks), len(files))
	}
	for i, name := range files {
		code, err := os.ReadFile("../../shaders/shadertest/" + name)
		if err != nil {
			t.Fatal(err)
		}
		block := strings.Replace(string(blocks[i][1]), "package saxpy\n", "package shadertest_test\n", 1)
		if !strings.Contains(string(code), block) {
			t.Errorf("%s has no\n%s", name, block)
		}
	}
}

// deadEnds returns the relative links of a page to files or headings that do not exist. It also returns
// the paths between backticks that do not exist below the root. It leaves out paths into folders that
// the program or the user makes.
func deadEnds(root, page, text string) (dead []string) {
	for _, m := range linkPattern.FindAllStringSubmatch(text, -1) {
		if strings.Contains(m[1], "://") {
			continue
		}
		target := text
		if m[1] != "" {
			read, err := os.ReadFile(filepath.Join(filepath.Dir(page), m[1]))
			if err != nil {
				dead = append(dead, m[1])
				continue
			}
			target = string(read)
		}
		if m[2] != "" && !slices.Contains(anchors(target), m[2]) {
			dead = append(dead, m[1]+m[2])
		}
	}
	for _, m := range pathPattern.FindAllStringSubmatch(text, -1) {
		if slices.Contains([]string{"~", "bin", "runs", "wgpucnn"}, m[1]) { // wgpucnn is a folder in the user's cache
			continue
		}
		if _, err := os.Stat(filepath.Join(root, m[1]+m[2])); err != nil {
			dead = append(dead, m[1]+m[2])
		}
	}
	return dead
}

// anchors returns the headings of a page as links name them.
func anchors(text string) []string {
	var all []string
	for _, m := range headingPattern.FindAllStringSubmatch(text, -1) {
		all = append(all, "#"+strings.ReplaceAll(unslugged.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}
