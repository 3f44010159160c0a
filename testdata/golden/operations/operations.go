// Package operations holds PyTorch's results of each operation, which testdata/gen wrote. Tests
// compare the twins with them. The program does not import this package.
package operations

import (
	"embed"

	"wgpucnn/testdata/golden"
)

//go:embed *.safetensors
var files embed.FS

// Cases returns the cases of <operation>.safetensors.
func Cases[Config any](operation string) []golden.Case[Config] {
	return golden.CasesIn[Config](files, operation)
}
