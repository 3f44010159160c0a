package dataset_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"wgpucnn/nn/dataset"
)

// Two classes of the built-in images, with a tenth of the training rows held out.
func ExampleOpen() {
	data, err := dataset.Open(context.Background(), "builtin", dataset.Options{Classes: []string{"palm_tree", "apple"}})
	if err != nil {
		log.Fatal(err)
	}
	train, validation, err := data.Train.HoldOut(0.1, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(data.Classes, train.Len(), validation.Len(), data.Test.Len())
	fmt.Println(train.Height, train.Width, train.Channels, len(train.Pixels)/train.Len())
	// Output:
	// [apple palm_tree] 900 100 200
	// 32 32 3 3072
}

// Pictures in class folders. Half of each class becomes the test set.
func ExampleOpen_pictures() {
	folder, err := os.MkdirTemp("", "photos")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	apple, err := os.ReadFile("../testdata/apple.png")
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"apple/1.png", "apple/2.png", "apple/notes.txt", "pear/1.png", "pear/2.png"} {
		path := filepath.Join(folder, name)
		os.MkdirAll(filepath.Dir(path), 0o777)
		os.WriteFile(path, apple, 0o666)
	}
	data, err := dataset.Open(context.Background(), folder, dataset.Options{Split: 0.5, Size: 16, CacheDir: folder})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(data.Classes, data.Train.Len(), data.Test.Len(), data.Train.Height, data.Train.Width)
	fmt.Println(data.Reading.Pictures, data.Reading.Ignored, data.Reading.Unreadable)
	// Output:
	// [apple pear] 2 2 16 16
	// 4 1 []
}
