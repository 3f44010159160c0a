package runs

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"wgpucnn/nn/durable"
)

// The checkpoints along the way of a variant, which wgpucnn audit trains from. They lie in a folder of the
// variant's folder.
const (
	keptFolder    = "audit"
	keptPattern   = "epoch-%d.safetensors"
	mostKept      = 4
	mostKeptBytes = 64 << 20 // together
)

// KeptFile returns the name of the checkpoint of an epoch, below a variant's folder.
func KeptFile(epoch int) string { return filepath.Join(keptFolder, fmt.Sprintf(keptPattern, epoch)) }

// Kept returns the epochs whose checkpoints a variant keeps, in order.
func (f *Folder) Kept(variant string) []int {
	entries, _ := os.ReadDir(f.Join(variant, keptFolder)) // no folder holds none
	var epochs []int
	for _, e := range entries {
		var epoch int
		if _, err := fmt.Sscanf(e.Name(), keptPattern, &epoch); err == nil && epoch > 0 && e.Name() == fmt.Sprintf(keptPattern, epoch) {
			epochs = append(epochs, epoch)
		}
	}
	slices.Sort(epochs)
	return epochs
}

// Keep writes the checkpoint of an epoch, which stays beside the newest.
func (f *Folder) Keep(variant string, epoch int, data []byte) error {
	if err := durable.MkdirAll(f.Join(variant, keptFolder)); err != nil {
		return err
	}
	return durable.Write(f.Join(variant, KeptFile(epoch)), data)
}

// KeepOnly removes all kept checkpoints but those of some epochs. If the newest checkpoint, of the epoch
// done, is one of them, it is kept too.
func (f *Folder) KeepOnly(variant string, epochs []int, done int) error {
	before := f.Kept(variant)
	if slices.Contains(epochs, done) && !slices.Contains(before, done) {
		data, err := os.ReadFile(f.Join(variant, CheckpointFile))
		if err == nil {
			err = f.Keep(variant, done, data)
		}
		if err != nil {
			return err
		}
	}
	for _, epoch := range before {
		if !slices.Contains(epochs, epoch) {
			if err := durable.RemoveAll(f.Join(variant, KeptFile(epoch))); err != nil {
				return err
			}
		}
	}
	return nil
}

// MostKept returns how many checkpoints of so many bytes a variant keeps along the way.
func MostKept(bytes int) int { return min(mostKept, mostKeptBytes/max(bytes, 1)) }

// spaced returns up to so many epochs that part a training into slices of equal length.
func spaced(epochs, most int) []int {
	var all []int
	for i := 1; i <= most; i++ {
		if epoch := int(int64(i) * int64(epochs) / int64(most+1)); epoch > 0 {
			all = append(all, epoch)
		}
	}
	return slices.Compact(all)
}

// Kept is what a variant has kept when it goes on, or begins.
type Kept struct {
	Epochs []int // of the checkpoints there
	Done   int   // epochs that are finished
	Longer bool  // the training shall have more epochs than before
	Anew   bool  // and its schedule spreads over them anew
}

// Plan says which checkpoints stay and after which epochs others will be kept, in a training of so many
// epochs with at most so many kept ones. Those after Done go, because they are made again. If the training
// becomes longer, the nearest to each place stays. If its schedule begins anew, only the place where it
// does stays: no later call knows the schedule before it.
func (k Kept) Plan(epochs, most int) (stay, next []int) {
	before := slices.DeleteFunc(slices.Clone(k.Epochs), func(epoch int) bool { return epoch > k.Done })
	places := spaced(epochs, most)
	i := len(places)
	for ; i > 0 && places[i-1] > k.Done; i-- {
	}
	passed, next := places[:i], places[i:]
	switch {
	case k.Done == 0:
	case k.Anew:
		stay = []int{k.Done}
	case k.Longer || len(before) == 0:
		for _, place := range passed {
			stay = append(stay, nearest(place, append(before, k.Done)))
		}
		stay = slices.Compact(stay)
	default:
		stay = before
		if slices.Contains(passed, k.Done) && !slices.Contains(before, k.Done) {
			stay = append(stay, k.Done)
		}
	}
	stay = stay[max(0, len(stay)-most):]
	return stay, next[max(0, len(next)+len(stay)-most):]
}

// nearest returns the first of the epochs that is as near as any to a place.
func nearest(place int, epochs []int) int {
	distance := func(epoch int) int { return max(epoch-place, place-epoch) }
	return slices.MinFunc(epochs, func(a, b int) int { return distance(a) - distance(b) })
}
