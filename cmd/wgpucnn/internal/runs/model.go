package runs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ModelPath returns the path of the model's file that a path names. The path is that of a file, of a
// variant's folder, or of a run's folder. A run stands for its best variant.
func ModelPath(path string) (string, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return path, nil // reading it shows what is wrong
	}
	summary, err := ReadSummary(path)
	switch {
	case err == nil:
		best := summary.Best()
		if best < 0 {
			return "", fmt.Errorf("%s: %s names no best variant: want the folder of one", path, SummaryFile)
		}
		folder := summary.Variants[best].Folder
		if !filepath.IsLocal(folder) {
			return "", fmt.Errorf("%s: variant in folder %q: want one within the run's", path, folder)
		}
		return filepath.Join(path, folder, ModelFile), nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	file := filepath.Join(path, ModelFile)
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	if _, err := os.Stat(filepath.Join(path, ConfigFile)); err == nil {
		return "", fmt.Errorf("%s: the run has not ended: %s ends it, or name the folder of a variant that has", path, ResumeCommand(path))
	}
	return "", fmt.Errorf("%s: a folder that is neither a run's nor a variant's: want a model.safetensors, an ONNX file of wgpucnn, a state dict of PyTorch, or the folder of a run", path)
}
