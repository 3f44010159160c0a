package pytorch

import (
	"bytes"
	"errors"
)

// resave is the Python call that converts a file that torch.load reads and this package does
// not.
const resave = `torch.save(torch.load("OLD.pt"), "NEW.pt")`

// foreignKinds are files that users mistake for those of torch.save, by the bytes at some
// offset.
var foreignKinds = []struct {
	at    int
	magic string
	error string
}{
	{0, "\x1f\x8b", "a compressed file: unpack it first"}, // gzip
	{0, "BZh", "a compressed file: unpack it first"},
	{0, "\xfd7zXZ", "a compressed file: unpack it first"},
	{0, "7z\xbc\xaf", "a compressed file: unpack it first"},
	{257, "ustar", "a tar archive: unpack it first; if torch.load reads it as it is, save it again: " + resave},
	{0, "version https://git-lfs", "a Git LFS pointer instead of the file: fetch the file by git lfs pull"},
	{0, "\x89HDF", "an HDF5 file, as Keras writes: want a file of torch.save"},
	{0, "\x93NUMPY", "a NumPy array: want a file of torch.save"},
	{0, "\x08", "an ONNX file by its first byte: want a file of torch.save"},
}

// magicNumber is a pickled number. The files of torch.save before PyTorch 1.6 begin with it.
const magicNumber = "\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."

// foreign returns the error about a file that is no zip archive. The error says what the file
// is, and what to do.
func foreign(file []byte) error {
	head := file[:min(len(file), 512)]
	switch text := bytes.ToLower(bytes.TrimSpace(head)); {
	case len(file) == 0:
		return errors.New("an empty file: save it or copy it again")
	case bytes.Contains(head, []byte(magicNumber)):
		return errors.New("the format from before PyTorch 1.6: save it again with a newer PyTorch: " + resave)
	case file[0] == 0x80:
		return errors.New("a pickle that torch.save did not write: load it in Python and call torch.save(model.state_dict(), path)")
	case bytes.HasPrefix(text, []byte("<!doctype html")) || bytes.HasPrefix(text, []byte("<html")):
		return errors.New("a web page instead of the file: download the file itself")
	}
	for _, kind := range foreignKinds {
		if len(head) > kind.at && bytes.HasPrefix(head[kind.at:], []byte(kind.magic)) {
			return errors.New(kind.error)
		}
	}
	return errors.New("not a zip archive: want what torch.save writes since PyTorch 1.6, or a safetensors file")
}
