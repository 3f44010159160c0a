package nn

// Flatten turns maps (C, H, W) into a feature vector (C*H*W). It moves no data.
// Matches torch.nn.Flatten.
type Flatten struct{}

// String returns the layer as PyTorch prints it.
func (Flatten) String() string { return "Flatten(start_dim=1, end_dim=-1)" }

// OutShape returns (C*H*W).
func (Flatten) OutShape(in Shape) (Shape, error) { return Shape{in.Size()}, nil }

// Params returns none.
func (Flatten) Params() []Param { return nil }

// MultiplyAdds returns 0.
func (Flatten) MultiplyAdds(Shape) int { return 0 }
