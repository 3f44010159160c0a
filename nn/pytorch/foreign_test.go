package pytorch

import (
	"strings"
	"testing"
)

// A file of another kind gives an error that names the kind.
func TestForeign(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"nothing":        {"", "an empty file: save it or copy it again"},
		"older":          {"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.", "the format from before PyTorch 1.6"},
		"older, framed":  {"\x80\x04\x95\x0d\x00\x00\x00\x00\x00\x00\x00\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "the format from before PyTorch 1.6"},
		"pickle.dump":    {"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00}\x94.", "a pickle that torch.save did not write"},
		"a page":         {"\n<!DOCTYPE html><html>", "a web page instead of the file"},
		"a page, bare":   {"<HTML><head>", "a web page instead of the file"},
		"gzip":           {"\x1f\x8b\x08", "a compressed file: unpack it first"},
		"tar":            {strings.Repeat("\x00", 257) + "ustar\x0000", "a tar archive: unpack it first"},
		"Git LFS":        {"version https://git-lfs.github.com/spec/v1\noid sha256:", "a Git LFS pointer instead of the file"},
		"Keras":          {"\x89HDF\r\n\x1a\n", "an HDF5 file"},
		"an array":       {"\x93NUMPY\x01\x00", "a NumPy array"},
		"ONNX":           {"\x08\x07\x12\x07pytorch", "an ONNX file"},
		"something else": {"epoch,loss\n", "not a zip archive: want what torch.save writes since PyTorch 1.6, or a safetensors file"},
		"TorchScript":    {string(pack(t, stored("net/data.pkl", "N."), stored("net/code/__torch__.py", ""), stored("net/constants.pkl", "N."))), "a TorchScript model, of torch.jit.save: want its state dict"},
	} {
		if _, _, err := Import([]byte(c.file), LabOptions{}); err == nil || !strings.HasPrefix(err.Error(), "pytorch: "+c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
