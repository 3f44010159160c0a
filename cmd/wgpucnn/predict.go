package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/classify"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/engine"
	"wgpucnn/nn/picture"
	"wgpucnn/nn/predict"

	"github.com/spf13/pflag"
)

// predictSettings are the values of predict's flags.
type predictSettings struct {
	model      choose.Model
	json       bool
	adapter    engine.Options
	tilingFrom string
	tta        string // see choose.TTAFlag
}

func predictFlags(s *predictSettings) *pflag.FlagSet {
	flags := cmdline.New("predict")
	choose.ModelFlags(flags, &s.model)
	flags.BoolVar(&s.json, "json", false, "print a JSON object for each image, a line each, instead of the table")
	choose.AdapterFlags(flags, &s.adapter)
	choose.TilingFlag(flags, &s.tilingFrom)
	choose.TTAFlag(flags, &s.tta)
	return flags
}

func predictHelp() string {
	var s predictSettings
	return `wgpucnn predict classifies images by a trained model.

usage: wgpucnn predict MODEL IMAGE... [FLAG]...

` + choose.ModelHelp + `
IMAGE is one of these:

  a PNG, JPEG, GIF, BMP or WebP file; of a GIF, the first frame
  a folder: its files named .png, .jpg, .jpeg, .gif, .bmp and .webp, in the
    order of their names, without the folders in it
  - for an image on standard input

Images are resized to the size of the model, 32 x 32 for the lab's. Of an image
with other proportions the middle is taken. Transparent pixels become white. A
JPEG is turned upright as its camera noted (Exif). The last line counts the
changed images.

` + manual.Flags(predictFlags(&s)) + `
The table has a line for each image: the class with the greatest probability,
and the next four. With --json the lines are objects like

  {"image":"a.png","label":0,"class":"apple","probability":0.9,
   "probabilities":{"apple":0.9,"forest":0.1}}

--tta flip classifies each image together with its mirror image: the logits are
the mean of both. That is often better, and takes twice the time.

For a file that is no image, predict prints a line on standard error and goes on
with the others. The exit status is then 1.

  wgpucnn predict runs/one/best/model.safetensors photo.jpg
  wgpucnn predict model.safetensors photos/ --json > photos.jsonl
  curl -s ADDRESS | wgpucnn predict model.safetensors -
`
}

// stdin is standard input. Tests replace it.
var stdin io.Reader = os.Stdin

// runPredict classifies the images that args name.
func runPredict(ctx context.Context, args []string, out streams) error {
	var s predictSettings
	flags := predictFlags(&s)
	rest, err := cmdline.ParseFiles(flags, args)
	if err != nil {
		return err
	}
	if len(rest) < 2 {
		return fail.Usagef("predict: want a model and some images: wgpucnn predict MODEL IMAGE...")
	}
	if err := choose.CheckTiling("predict", s.tilingFrom); err != nil {
		return err
	}
	if err := choose.CheckPooling("predict", s.model.Pooling); err != nil {
		return err
	}
	mirror, err := choose.Mirror("predict", s.tta)
	if err != nil {
		return err
	}
	s.model.Path = rest[0]
	images := rest[1:]
	if first := slices.Index(images, classify.StdinName); first >= 0 && slices.Contains(images[first+1:], classify.StdinName) {
		return fail.Usagef("predict: - stands there twice: standard input is one image")
	}
	dev, err := choose.Adapter("predict", s.adapter)
	if err != nil {
		return err
	}
	defer dev.Release()
	choose.WarnOfDrivers(out.err, s.adapter.Backend, dev.Adapter())
	model, err := s.model.Open("predict", out.err, out.err)
	if err != nil {
		return err
	}
	names, skipped, err := classify.List(images)
	if err != nil {
		return err
	}
	tilings := choose.Tilings(s.tilingFrom, dev.Adapter(), out.err, out.err)
	if skipped > 0 {
		fmt.Fprintf(out.err, "skipped %d files and folders that are not named %s\n", skipped, strings.Join(picture.Extensions, ", "))
	}
	compiled := meter.Wait(out.err, meter.CompileShaders)
	predictor, err := predict.New(dev, model.Network, model.State, predict.Options{Batch: classify.BatchSize, Tilings: tilings, Mirror: mirror})
	compiled()
	if err != nil {
		return err
	}
	defer predictor.Release()
	return classify.Job{
		Model: model, Predictor: predictor, Images: names, Stdin: stdin, Out: out.out, Err: out.err, JSON: s.json,
	}.Run(ctx)
}
