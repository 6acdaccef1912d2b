package vae

import (
	"slices"

	"github.com/surprisal-go/surprisal/dist"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/nn"
)

// nets are the two networks on one graph.
type nets struct {
	cfg              *Config
	dims             int
	binary           bool
	encoder, decoder nn.MLP
}

const logSD = "decoder/log_sd" // the Gaussian decoder's parameter (D)

func (c *Config) nets(dims int, binary bool, drop nn.Dropout) nets {
	encoderDrop, decoderDrop := drop, drop
	encoderDrop.Draw, decoderDrop.Draw = 1, uint32(1+len(c.Hidden)) // stream 0 draws z
	reversed := slices.Clone(c.Hidden)
	slices.Reverse(reversed)
	return nets{
		cfg: c, dims: dims, binary: binary,
		encoder: nn.MLP{Name: "encoder", In: dims, Hidden: c.Hidden, Out: 2 * c.Latent, Activation: c.Activation, Dropout: encoderDrop},
		decoder: nn.MLP{Name: "decoder", In: c.Latent, Hidden: reversed, Out: dims, Activation: c.Activation, Dropout: decoderDrop},
	}
}

// spread bounds the posterior's |ln σ|: no event, however far, gives a standard
// deviation that overflows.
const spread = 7.0

// posterior is q(z | x) = N(μ(x), σ(x)²) for k draws: x (B, D), result (B, K, Z).
func (n nets) posterior(x *graph.Node, k int) dist.Normal {
	z := n.cfg.Latent
	h := n.encoder.Apply(x).Reshape(graph.Batch, 1, 2*z)
	return dist.Normal{
		Mean:  h.Slice(2, 0, z).BroadcastTo(graph.Batch, k, z),
		LogSD: h.Slice(2, z, 2*z).MulScalar(1 / spread).Tanh().MulScalar(spread),
	}
}

// likelihood is p(x | z): z (B, K, Z), result (B, K, D).
func (n nets) likelihood(z *graph.Node) dist.Each {
	h := n.decoder.Apply(z)
	if n.binary {
		return dist.Bernoulli{Logits: h}
	}
	return dist.Normal{Mean: h, LogSD: n.logSD(z.Graph())}
}

// logSD is ln σ of the Gaussian decoder (D), kept above ln MinSD: a density has
// no limit where a decoder may collapse onto the training events.
func (n nets) logSD(g *graph.Graph) *graph.Node {
	least := fmath.Log(n.cfg.MinSD)
	return g.Param(logSD, n.dims).AddScalar(-least).Softplus().AddScalar(least)
}

// params are the trained parameters.
func (n nets) params(g *graph.Graph) []*graph.Node {
	p := nn.Params(g, n.encoder, n.decoder)
	if !n.binary {
		p = append(p, g.Param(logSD, n.dims))
	}
	return p
}

// terms are the parts of the bound for k draws, in nats: log p(x | z),
// log p(z), log q(z | x) (B, K each), the draws z (B, K, Z), and the divergence
// KL(q(z | x) ‖ p(z)) in closed form (B).
type terms struct {
	z, recon, prior, logQ, kl *graph.Node
}

func (n nets) terms(x, key, ids *graph.Node, k int) terms {
	q := n.posterior(x, k)
	z, logQ := q.SampleAndLogProb(key, ids, 0)
	target := x.Reshape(graph.Batch, 1, n.dims)
	mean := q.Mean.Slice(1, 0, 1)
	// ½ Σ (μ² + σ² − 1) − ln σ
	kl := mean.Square().Add(q.LogSD.MulScalar(2).Exp()).AddScalar(-1).MulScalar(0.5).Sub(q.LogSD).Sum(1, 2)
	return terms{
		z: z, logQ: logQ, kl: kl,
		recon: n.likelihood(z).LogProb(target),
		prior: dist.Standard(x.Graph(), z.Shape()...).LogProb(z),
	}
}

// logWeights are log p(x, z) − log q(z | x), (B, K).
func (t terms) logWeights() *graph.Node { return t.recon.Add(t.prior.Sub(t.logQ)) }
