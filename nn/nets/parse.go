package nets

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"wgpucnn/nn"
	"wgpucnn/nn/spell"
)

// maxText is the most characters of a text.
const maxText = 1 << 14

// Parse reads the text of a network. An error names the layer, and the place where it stands.
//
// A Flatten before a Linear may be left out, and so may the last Linear.
func Parse(text string) (*Spec, error) {
	layers, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("nets: %w", err)
	}
	return &Spec{layers}, nil
}

func parse(text string) ([]layer, error) {
	if n := len([]rune(text)); n > maxText {
		return nil, fmt.Errorf("a text of %d characters: want at most %d", n, maxText)
	}
	p := &parser{tokens: tokens(text)}
	layers, err := p.sequence()
	if err == nil && p.peek().text == ")" {
		err = p.peek().place().wrong("no bracket was opened before")
	}
	if err != nil {
		return nil, err
	}
	if _, ok := layers[len(layers)-1].Layer.(nn.Linear); !ok {
		layers = append(layers, layer{Layer: nn.Linear{}, place: place{"linear", p.peek().at}})
	}
	layers = settle(layers)
	return layers, check(layers, true)
}

// settle decides what a text leaves open, the bias of convolutions, and leaves out what is understood, a
// Flatten before a Linear.
func settle(layers []layer) []layer {
	var kept []layer
	for i, l := range layers {
		l.body = settle(l.body)
		if conv, ok := l.Layer.(nn.Conv2d); ok {
			conv.NoBias = nn.Off(l.bias == withoutBias || l.bias == impliedBias && normalised(layers, i))
			l.Layer = conv
		}
		if i+1 < len(layers) {
			_, linear := layers[i+1].Layer.(nn.Linear)
			if linear && l.Layer == nn.Layer(nn.Flatten{}) {
				continue
			}
		}
		kept = append(kept, l)
	}
	return kept
}

// check returns an error if a Linear that is not the last layer has no number of outputs. It is for
// all layers of a text, or for those of a block.
func check(layers []layer, whole bool) error {
	for i, l := range layers {
		if err := check(l.body, false); err != nil {
			return err
		}
		if linear, ok := l.Layer.(nn.Linear); ok && linear.Out == 0 && !(whole && i == len(layers)-1) {
			return l.place.wrong("only the last layer goes without a number of outputs: want linear OUTPUTS")
		}
	}
	return nil
}

// token is a word of a text, a comma or a bracket. The token at the end has no text.
type token struct {
	text string
	at   int // its first character, from 1
}

func (t token) place() place { return place{t.text, t.at} }

// tokens takes a text apart.
func tokens(text string) []token {
	var all []token
	inWord := false
	runes := []rune(text)
	for i, r := range runes {
		mark := strings.ContainsRune(",()", r)
		switch {
		case unicode.IsSpace(r):
			inWord = false
		case mark || !inWord:
			all = append(all, token{string(r), i + 1})
			inWord = !mark
		default:
			all[len(all)-1].text += string(r)
		}
	}
	return append(all, token{"", len(runes) + 1})
}

// parser reads tokens from left to right.
type parser struct {
	tokens []token
	depth  int // of blocks
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) next() token {
	t := p.tokens[0]
	if len(p.tokens) > 1 {
		p.tokens = p.tokens[1:]
	}
	return t
}

// sequence reads layers by commas, to the end or to a bracket that closes.
func (p *parser) sequence() ([]layer, error) {
	var layers []layer
	for {
		l, err := p.layer()
		if err != nil {
			return nil, err
		}
		layers = append(layers, l)
		switch t := p.peek(); t.text {
		case "", ")":
			return layers, nil
		case ",":
			p.next()
		default:
			return nil, t.place().wrong("want a comma before it")
		}
	}
}

// maxDepth is how deep blocks may stand within blocks.
const maxDepth = 8

// layer reads a layer.
func (p *parser) layer() (layer, error) {
	first := p.next()
	switch first.text {
	case "", ",", ")":
		return layer{}, first.place().wrong("want a layer here: %s", strings.Join(Words(), ", "))
	case residual:
		return p.residual(first)
	}
	i := slices.IndexFunc(words, func(w word) bool { return w.name == first.text })
	if i < 0 {
		if meant, ok := spell.Nearest(first.text, Words()); ok {
			return layer{}, first.place().wrong("no layer has that word: did you mean %s?", meant)
		}
		return layer{}, first.place().wrong("no layer has that word: want one of %s", strings.Join(Words(), ", "))
	}
	a := arguments{word: words[i]}
	for t := p.peek(); t.text != "" && !strings.Contains(",()", t.text); t = p.peek() {
		a.rest = append(a.rest, p.next().text)
	}
	all := strings.Join(append([]string{first.text}, a.rest...), " ")
	l := layer{Layer: words[i].parse(&a), bias: a.bias, place: place{all, first.at}}
	if a.more() {
		a.fail("%q is too much", a.rest[0])
	}
	if a.err != nil {
		return layer{}, l.place.wrong("%w", a.err)
	}
	return l, nil
}

// residual reads a block after its word.
func (p *parser) residual(first token) (layer, error) {
	if p.next().text != "(" {
		return layer{}, first.place().wrong("want its layers in brackets: residual (conv 16, relu, conv 16)")
	}
	if p.depth++; p.depth > maxDepth {
		return layer{}, first.place().wrong("want at most %d blocks within one another", maxDepth)
	}
	body, err := p.sequence()
	if err != nil {
		return layer{}, err
	}
	if p.next().text != ")" {
		return layer{}, first.place().wrong("its bracket is not closed")
	}
	p.depth--
	return layer{body: body, place: first.place()}, nil
}

// Words returns the words that may begin a layer.
func Words() []string {
	var all []string
	for _, w := range words {
		all = append(all, w.name)
	}
	return append(all, residual)
}
