package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"wgpucnn/nn/internal/raster"
)

// defaultSize is the side of the squares that pictures become, in pixels.
const defaultSize = 32

// Reading tells how the pictures of a data set were read.
type Reading struct {
	Pictures   int           // that were read
	Ignored    int           // files that are hidden, no pictures by their names, or in no class's folder
	Unreadable []string      // the pictures that cannot be read, with the reasons
	Took       time.Duration // for decoding them, now or when the cache was filled
	Cache      string        // the file that holds the decoded pictures, "" if it could not be written
	Cached     bool          // they were taken from the cache
}

// pictures is a data set of class folders:
//
//	train/cat/1.png  test/cat/9.png     or     cat/1.png  cat/9.png
//
// Folders below a class's folder count too. The rows have the order of the classes, and in a class that
// of the files' names.
type pictures struct {
	tree    tree
	source  string
	options Options
	size    int // of a side
	train   []shot
	test    []shot
	classes []string
	reading Reading
}

// shot is a picture of a class.
type shot struct {
	leaf
	class string
}

// testFolders are names of the folder beside train.
var testFolders = []string{"test", "val", "valid", "validation"}

// newPictures finds the pictures and their classes.
func newPictures(t tree, source string, files []leaf, o Options) (*pictures, error) {
	p := &pictures{tree: t, source: source, options: o, size: cmp.Or(o.Size, o.ModelSize, defaultSize)}
	found := slices.DeleteFunc(slices.Clone(files), func(f leaf) bool {
		return f.open == nil || hidden(f.name) || !slices.Contains(raster.Extensions, strings.ToLower(path.Ext(f.name)))
	})
	if len(found) == 0 {
		return nil, fmt.Errorf("no pictures: %s", wantSource)
	}
	slices.SortFunc(found, func(a, b leaf) int { return strings.Compare(a.name, b.name) })
	for i := 1; i < len(found); i++ {
		if found[i].name == found[i-1].name {
			return nil, fmt.Errorf("two files named %.200q: want one", found[i].name)
		}
	}
	root := commonFolder(found)
	tops := below(found, root)
	train, test := root, ""
	if slices.Contains(tops, "train") {
		for _, name := range testFolders {
			if test == "" && slices.Contains(tops, name) {
				train, test = root+"train/", root+name+"/"
			}
		}
	}
	for _, f := range found {
		if class, ok := classIn(f.name, train); ok {
			p.train = append(p.train, shot{f, class})
		} else if class, ok := classIn(f.name, test); ok && test != "" {
			p.test = append(p.test, shot{f, class})
		}
	}
	p.classes = below(found, train)
	for _, s := range p.test {
		if _, ok := slices.BinarySearch(p.classes, s.class); !ok {
			return nil, fmt.Errorf("class %.80q has pictures in %s and none in train", s.class, path.Base(test))
		}
	}
	p.reading.Ignored = len(files) - len(p.train) - len(p.test)
	if len(p.classes) == 0 {
		return nil, errors.New("pictures, but not in folders: want a folder for each class")
	}
	return p, cmp.Or(checkNames(p.classes), o.checkSplit(len(p.test) > 0))
}

// commonFolder returns the folder that all other folders of pictures are in, such as "photos/". It goes
// down as long as there is one folder alone and that has folders.
func commonFolder(found []leaf) string {
	root := ""
	for {
		tops := below(found, root)
		if len(tops) != 1 || len(below(found, root+tops[0]+"/")) == 0 {
			return root
		}
		root += tops[0] + "/"
	}
}

// below returns the names of the folders in a folder that have pictures, sorted.
func below(found []leaf, in string) (names []string) {
	for _, f := range found { // in the order of their names, but "a b/1" is before "a/1"
		if name, ok := classIn(f.name, in); ok && (len(names) == 0 || names[len(names)-1] != name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// classIn returns the folder in a folder that a file is in.
func classIn(name, in string) (string, bool) {
	rest, ok := strings.CutPrefix(name, in)
	class, _, deeper := strings.Cut(rest, "/")
	return class, ok && deeper
}

func (p *pictures) names(context.Context) ([]string, error) { return p.classes, nil }

func (p *pictures) rows(ctx context.Context, chosen picker) (train, test Images, err error) {
	label := map[string]uint32{}
	for l, id := range chosen.ids {
		label[p.classes[id]] = uint32(l)
	}
	var shots []leaf
	var labels []uint32
	trainCount := 0
	for i, set := range [][]shot{p.train, p.test} {
		slices.SortStableFunc(set, func(a, b shot) int { return strings.Compare(a.class, b.class) })
		for _, s := range set {
			if l, ok := label[s.class]; ok {
				shots, labels = append(shots, s.leaf), append(labels, l)
				trainCount += 1 - i
			}
		}
	}
	rowBytes := channels * p.size * p.size
	if total := int64(len(shots)) * int64(rowBytes); total > maxPixels {
		return Images{}, Images{}, fmt.Errorf("%d pictures of %d x %d take %.1f GB: want at most %.1f GB: choose a smaller --size or fewer classes",
			len(shots), p.size, p.size, float64(total)/1e9, float64(maxPixels)/1e9)
	}
	pixels, unreadable, err := p.decoded(ctx, shots)
	if err != nil {
		return Images{}, Images{}, err
	}
	p.reading.Pictures = len(shots) - len(unreadable)
	if p.options.Strict && len(unreadable) > 0 {
		return Images{}, Images{}, fmt.Errorf("pictures that cannot be read: %d, the first is %s: remove them, or leave out --strict", len(unreadable), p.reading.Unreadable[0])
	}
	images := func(from, to int) Images {
		m := Images{Height: p.size, Width: p.size, Channels: channels}
		for row := from; row < to; row++ {
			if _, bad := unreadable[row]; !bad {
				m.Labels = append(m.Labels, labels[row])
			}
		}
		m.Pixels, pixels = pixels[:m.Len()*rowBytes:m.Len()*rowBytes], pixels[m.Len()*rowBytes:]
		return m
	}
	train = images(0, trainCount)
	return train, images(trainCount, len(shots)), nil
}
