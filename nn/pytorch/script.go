package pytorch

import (
	"bytes"
	_ "embed"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
)

//go:embed script.py.tmpl
var scriptText string

var scriptTemplate = template.Must(template.New("script").Parse(scriptText))

// ScriptPath returns the path of the script that belongs to a state dict's file: model.py
// beside model.pt.
func ScriptPath(weights string) string {
	return strings.TrimSuffix(weights, filepath.Ext(weights)) + ".py"
}

// IsScript reports whether a file begins as Script's files do.
func IsScript(file []byte) bool {
	start, _, _ := strings.Cut(scriptText, ".")
	return bytes.HasPrefix(file, []byte(start))
}

// Script returns a Python module that builds a model's network in PyTorch, with its Normalize,
// and loads the weights that Marshal wrote to the file at path. The module belongs beside them,
// at ScriptPath. It runs in PyTorch 1.13 and later.
func Script(model *modelfile.Model, path string) ([]byte, error) {
	if _, err := model.Metadata(); err != nil { // checks the model's names, weights and kinds of layers
		return nil, fmt.Errorf("pytorch: %w", err)
	}
	file := filepath.Base(ScriptPath(path))
	data := script{
		Weights: strconv.Quote(filepath.Base(path)), File: strconv.Quote(file),
		Height: model.In[0], Width: model.In[1], Channels: model.In[2], Classes: model.Classes(), Graph: !model.Chain(),
	}
	if name := strings.TrimSuffix(file, ".py"); isImportable(name) {
		data.Module = name
	}
	for names := range slices.Chunk(model.ClassNames, namesPerLine) {
		var quoted []string
		for _, name := range names {
			quoted = append(quoted, strconv.Quote(name))
		}
		data.Names = append(data.Names, strings.Join(quoted, ", "))
	}
	for i, m := range model.Modules {
		data.Layers = append(data.Layers, scriptLayer{m.Name, expression(m.Layer), model.OtherInputs(i)})
	}
	var text bytes.Buffer
	err := scriptTemplate.Execute(&text, data)
	return text.Bytes(), err
}

// script is the data of the template. Go's quoted strings are valid in Python.
type script struct {
	Module, File, Weights            string // Module is empty if Python cannot import the file by name
	Height, Width, Channels, Classes int
	Names                            []string // lines with the names of classes
	Graph                            bool     // whether the network is more than a chain of layers
	Layers                           []scriptLayer
}

// namesPerLine is the number of class names in a line.
const namesPerLine = 5

type scriptLayer struct {
	Name, Expression string
	Inputs           []string // see nn.Network.OtherInputs
}

// expression returns the Python expression of a layer. Most layers print themselves as PyTorch
// does, and that is also the call of their constructor in torch.nn. The script has classes of its
// own for the others.
func expression(layer nn.Layer) string {
	switch l := layer.(type) {
	case nn.Normalize:
		return fmt.Sprintf("Normalize(%s, %s)", numberList(l.Mean), numberList(l.Std))
	case nn.Add:
		return l.String()
	}
	return fmt.Sprintf("nn.%v", layer)
}

// numberList returns a Python list of the same float32 numbers.
func numberList(values []float32) string {
	var texts []string
	for _, v := range values {
		texts = append(texts, strconv.FormatFloat(float64(v), 'g', -1, 32))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// keywords are the keywords of Python.
var keywords = strings.Fields(`False None True and as assert async await break class continue def del elif else except
	finally for from global if import in is lambda nonlocal not or pass raise return try while with yield`)

// isImportable reports whether Python can import a module of that name.
func isImportable(name string) bool {
	return identifier.MatchString(name) && !slices.Contains(keywords, name)
}
