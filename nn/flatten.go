package nn

// Flatten turns maps (C, H, W) into a feature vector (C*H*W). It moves no data.
// Matches torch.nn.Flatten.
type Flatten struct{ stateless }

// String returns the layer as PyTorch prints it.
func (Flatten) String() string { return "Flatten(start_dim=1, end_dim=-1)" }

// OutShape returns (C*H*W).
func (l Flatten) OutShape(in ...Shape) (Shape, error) {
	x, err := one(l, in)
	return Shape{x.Size()}, err
}
