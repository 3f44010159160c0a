package spell_test

import (
	"fmt"

	"wgpucnn/nn/spell"
)

// Letters that changed places are two mistyped ones.
func ExampleNearest() {
	commands := []string{"train", "eval", "export"}
	word, ok := spell.Nearest("trian", commands)
	fmt.Println(word, ok)
	_, ok = spell.Nearest("devices", commands)
	fmt.Println(ok)
	// Output:
	// train true
	// false
}
