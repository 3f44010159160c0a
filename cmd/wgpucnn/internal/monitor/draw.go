package monitor

import (
	"bytes"
	"fmt"
	"image/png"
	"strings"
	"time"

	"wgpucnn/engine/window"
	"wgpucnn/nn/report"
)

// turn handles the events of the window and shows what is new.
func (w *Window) turn() error {
	events := w.window.Wait(lookEvery)
	if events.Closed {
		w.drop()
		return nil
	}
	for _, key := range events.Keys {
		w.press(key)
	}
	n := w.latest()
	if !events.Exposed && len(events.Keys) == 0 && !w.due(n) {
		return nil
	}
	width, height := w.window.Size()
	if width == 0 || height == 0 {
		return nil
	}
	start := time.Now()
	if err := w.window.Show(w.painter.Paint(w.dashboard(n), width, height)); err != nil {
		return err
	}
	w.shown, w.epochs, w.took = time.Now(), n.epochs(), time.Since(start)
	if len(n.curves) > 0 {
		w.name = fmt.Sprintf("window-%s-%d.png", strings.ReplaceAll(n.name, "/", "-"), len(n.curves[n.at].Stats))
	}
	return nil
}

// press obeys a key: space pauses, S saves.
func (w *Window) press(key rune) {
	switch key {
	case ' ':
		w.pause(!w.paused())
		w.note = ""
	case 's', 'S':
		w.note, w.noted = w.save(), time.Now()
	}
}

// save saves the picture in the run's folder and returns a note about that.
func (w *Window) save() string {
	if w.name == "" {
		return "nothing to save yet"
	}
	picture, err := w.window.Pixels()
	var data bytes.Buffer
	if err == nil {
		err = png.Encode(&data, picture)
	}
	if err == nil {
		err = w.settings.Save(w.name, data.Bytes())
	}
	if err != nil {
		return err.Error()
	}
	return "saved " + w.name
}

// epochs returns the number of trained epochs of all variants.
func (n news) epochs() int {
	sum := 0
	for _, c := range n.curves {
		sum += len(c.Stats)
		for _, e := range c.Earlier {
			sum += len(e)
		}
	}
	return sum
}

// due tells whether it is time for another picture. Pictures that are due early, by the number of
// epochs, take at most a twentieth of the time to draw.
func (w *Window) due(n news) bool {
	age := time.Since(w.shown)
	return age >= drawEvery || n.epochs()-w.epochs >= w.settings.Redraw && age >= 20*w.took
}

// dashboard returns the contents of the picture.
func (w *Window) dashboard(n news) report.Dashboard {
	d := report.Dashboard{
		Title:  w.settings.Title,
		Status: w.status(n), Figures: n.figures(w.settings.Evaluated),
		Evaluated: w.settings.Evaluated, Curves: n.curves,
		Guesses: n.guesses,
	}
	if window.HasKeys {
		d.Keys = "Space pauses and goes on, S saves the picture"
	}
	if n.weights != nil {
		d.Filters = n.weights[0]
	}
	return d
}

// figures returns the figures of the last epoch of the variant in training. It returns "" before the
// first epoch.
func (n news) figures(evaluated string) string {
	if len(n.curves) == 0 {
		return ""
	}
	stats := n.curves[n.at].Stats
	if len(stats) == 0 {
		return ""
	}
	last := stats[len(stats)-1]
	return fmt.Sprintf("after epoch %s, %s", report.Thousands(last.Epoch), describeEpoch(last, evaluated))
}

// status returns how far the training is.
func (w *Window) status(n news) string {
	if len(n.curves) == 0 {
		return "starting"
	}
	last := n.curves[n.at]
	text := fmt.Sprintf("%s, variant %d of %d     epoch %s of %s", n.name, n.begun, w.settings.Variants,
		report.Thousands(len(last.Stats)), report.Thousands(w.settings.Epochs))
	switch {
	case w.paused():
		text += "     paused: space goes on"
	case n.progress.done > n.progress.first:
		text += "     " + n.progress.left()
	}
	if w.note != "" && time.Since(w.noted) < 3*time.Second {
		text += "     " + w.note
	}
	return text
}
