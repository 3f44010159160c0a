package dataset

import "math/rand/v2"

// The number of images of each class, as in CIFAR-100.
const (
	builtinTrain = 500
	builtinTest  = 100
)

// builtin returns a data set that needs no network: drawn images of apples, forests and palm
// trees, the lab's three classes of CIFAR-100. They are the same on every machine. An accuracy
// on them shows how well the program works. It does not show how well a network recognises
// photographs.
func builtin() *Dataset {
	return &Dataset{
		Name:    "builtin",
		Classes: []string{"apple", "forest", "palm_tree"},
		Train:   drawn(builtinTrain, 1),
		Test:    drawn(builtinTest, 2),
	}
}

// drawn returns images of all classes in turn, each images a class. No two streams share an
// image.
func drawn(each int, stream uint64) Images {
	m := Images{Height: side, Width: side, Channels: channels}
	scenes := []func(*canvas){(*canvas).apple, (*canvas).forest, (*canvas).palm}
	c := new(canvas) // every scene covers the whole canvas
	for i := range each * len(scenes) {
		c.Rand = rand.New(rand.NewPCG(stream, uint64(i)))
		scenes[i%len(scenes)](c)
		c.clutter()
		m.Labels = append(m.Labels, uint32(i%len(scenes)))
		m.Pixels = c.finish(m.Pixels)
	}
	return m
}
