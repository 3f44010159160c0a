package picture_test

import (
	"fmt"
	"log"

	"wgpucnn/nn"
	"wgpucnn/nn/picture"
)

// A picture of 32 x 32 pixels is loaded unchanged, and then for a network that takes 8 x 8 in
// grey.
func ExampleLoad() {
	for _, in := range []nn.Shape{{32, 32, 3}, {8, 8, 1}} {
		p, err := picture.Load("../testdata/apple.png", in)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(p.Height, p.Width, p.Channels, len(p.Pixels), p.Resized)
	}
	// Output:
	// 32 32 3 3072 false
	// 8 8 1 64 true
}
