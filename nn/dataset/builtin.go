package dataset

import "math/rand/v2"

// The number of pictures of each class: that of CIFAR-100.
const (
	builtinTrain = 500
	builtinTest  = 100
)

// builtin returns a data set that needs no network: pictures of apples, forests
// and palm trees, after the lab's three classes of CIFAR-100. They are drawn, not
// photographed, and come out the same on every machine: what is learnt from them
// says how well the program works, not how well a network sees.
func builtin() *Dataset {
	return &Dataset{
		Name:    "builtin",
		Classes: []string{"apple", "forest", "palm_tree"},
		Train:   drawn(builtinTrain, 1),
		Test:    drawn(builtinTest, 2),
	}
}

// drawn returns so many pictures of each class, the classes by turns. No two
// streams share a picture.
func drawn(each int, stream uint64) Images {
	m := Images{Height: side, Width: side, Channels: channels}
	scenes := []func(*canvas){(*canvas).apple, (*canvas).forest, (*canvas).palm}
	c := new(canvas) // every scene paints all of it
	for i := range each * len(scenes) {
		c.Rand = rand.New(rand.NewPCG(stream, uint64(i)))
		scenes[i%len(scenes)](c)
		c.clutter()
		m.Labels = append(m.Labels, uint32(i%len(scenes)))
		m.Pixels = c.finish(m.Pixels)
	}
	return m
}
