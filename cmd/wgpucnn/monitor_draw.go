package main

import (
	"bytes"
	"fmt"
	"image/png"
	"time"

	"wgpucnn/nn/durable"
	"wgpucnn/nn/report"
)

// turn hears the window's events and shows what is new.
func (m *monitor) turn() error {
	events := m.window.Wait(lookEvery)
	if events.Closed {
		m.close()
		return nil
	}
	for _, key := range events.Keys {
		m.press(key)
	}
	n := m.latest()
	if !events.Exposed && len(events.Keys) == 0 && !m.due(n) {
		return nil
	}
	width, height := m.window.Size()
	if width == 0 || height == 0 {
		return nil
	}
	start := time.Now()
	if err := m.window.Show(m.painter.Paint(m.dashboard(n), width, height)); err != nil {
		return err
	}
	m.shown, m.epochs, m.took = time.Now(), n.epochs(), time.Since(start)
	if len(n.curves) > 0 {
		last := n.curves[len(n.curves)-1]
		m.name = fmt.Sprintf("window-%s-%d.png", last.Name, len(last.Stats))
	}
	return nil
}

// press does what a key asks for: space pauses, S saves.
func (m *monitor) press(key rune) {
	switch key {
	case ' ':
		m.pause(!m.paused())
		m.note = ""
	case 's', 'S':
		m.note, m.noted = m.save(), time.Now()
	}
}

// save saves what the window shows in the run's folder and returns what there is to say.
func (m *monitor) save() string {
	if m.name == "" {
		return "nothing to save yet"
	}
	picture, err := m.window.Pixels()
	var data bytes.Buffer
	if err == nil {
		err = png.Encode(&data, picture)
	}
	if err == nil {
		err = durable.Write(m.run.folder.Join(m.name), data.Bytes())
	}
	if err != nil {
		return err.Error()
	}
	return "saved " + m.name
}

// epochs returns how many have been trained, of all variants.
func (n news) epochs() int {
	sum := 0
	for _, c := range n.curves {
		sum += len(c.Stats)
	}
	return sum
}

// due tells whether it is time for another picture. By the count of epochs there are only
// so many that drawing takes a twentieth of the time.
func (m *monitor) due(n news) bool {
	age := time.Since(m.shown)
	return age >= drawEvery || n.epochs()-m.epochs >= m.run.redrawEvery && age >= 20*m.took
}

// dashboard returns what there is to be seen.
func (m *monitor) dashboard(n news) report.Dashboard {
	d := report.Dashboard{
		Title:  describeData(m.run.data.Name, m.run.summary.Config.Classes),
		Status: m.status(n), Figures: n.figures(m.run.evalName()), Keys: "Space pauses and goes on, S saves the picture",
		Evaluated: m.run.evalName(), Curves: n.curves,
		Guesses: m.guesser.guess(n.model, n.weights),
	}
	if n.weights != nil {
		d.Filters = n.weights[0]
	}
	return d
}

// figures returns those of the last epoch of the variant in training, nothing before its first.
func (n news) figures(evaluated string) string {
	if len(n.curves) == 0 {
		return ""
	}
	stats := n.curves[len(n.curves)-1].Stats
	if len(stats) == 0 {
		return ""
	}
	last := stats[len(stats)-1]
	return fmt.Sprintf("after epoch %s, %s", report.Thousands(last.Epoch), describeEpoch(last, evaluated))
}

// status returns how far the training is.
func (m *monitor) status(n news) string {
	if len(n.curves) == 0 {
		return "starting"
	}
	last := n.curves[len(n.curves)-1]
	text := fmt.Sprintf("%s, variant %d of %d     epoch %s of %s", last.Name, len(n.curves), len(m.run.pooling),
		report.Thousands(len(last.Stats)), report.Thousands(m.run.epochs))
	switch {
	case m.paused():
		text += "     paused: space goes on"
	case n.progress.done > n.progress.first:
		text += "     " + n.progress.left()
	}
	if m.note != "" && time.Since(m.noted) < 3*time.Second {
		text += "     " + m.note
	}
	return text
}
