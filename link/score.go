package link

import (
	"context"
	"fmt"
	"math"
	"strings"

	"earshot/feedback"
)

// The scale of probability. A logistic regression over the true clusters of a product whose features are described, each
// scored with its own feature and again with that feature taken away, gave 0.28 and 13.8; with 77 clusters of a product
// whose features have names alone added, 0.30 and 7.9. The slope lies between, for the scores must hold for both.
const (
	middle = 0.28 // the fit at which a link is as likely right as wrong
	slope  = 10.0
)

// probability turns a fit into a score between 0 and 1.
func probability(fit float64) float64 { return 1 / (1 + math.Exp(-slope*(fit-middle))) }

// scores holds the fit of every cluster with every feature.
type scores struct {
	fit      [][]float64 // by cluster, then by feature: the mean of the cosine by meaning and the one by words
	clusters []document
	features []document
}

// row is one cluster's part of the scores.
type row struct {
	fit      []float64
	evidence func(feature int) []string
}

func (s scores) of(cluster int) row {
	return row{
		fit:      s.fit[cluster],
		evidence: func(feature int) []string { return shared(s.clusters[cluster], s.features[feature]) },
	}
}

func (s *Stage) score(ctx context.Context, clusters []feedback.Cluster, features []feedback.Feature) (scores, error) {
	var out scores
	if len(clusters) == 0 || len(features) == 0 {
		out.fit = make([][]float64, len(clusters))
		return out, nil
	}
	dimensions := s.cfg.Embedder.Model().Dimensions
	meant, err := s.embedFeatures(ctx, features, dimensions)
	if err != nil {
		return out, err
	}
	said := make([]feedback.Vector, len(clusters))
	for i, c := range clusters {
		if len(c.Centroid) != dimensions {
			return out, feedback.Errorf(feedback.Internal, "link cluster %v: its centroid has %d dimensions, the model %d",
				c.ID, len(c.Centroid), dimensions)
		}
		said[i] = c.Centroid
	}
	said, meant = centred(said), centred(meant)

	out.clusters, out.features = documents(clusters, features)
	norm := meanNorm(out.features)
	out.fit = make([][]float64, len(clusters))
	for i := range clusters {
		out.fit[i] = make([]float64, len(features))
		for j := range features {
			meaning := float64(feedback.Dot(said[i], meant[j]))
			words := likeness(out.clusters[i], out.features[j], norm)
			out.fit[i][j] = (meaning + words) / 2
		}
	}
	return out, nil
}

// embedFeatures gives one unit vector a feature. The name counts twice, alone and before the description, since a
// description is longer and tells more of how than of what.
func (s *Stage) embedFeatures(ctx context.Context, features []feedback.Feature, dimensions int) ([]feedback.Vector, error) {
	texts := make([]string, 0, 2*len(features))
	for _, f := range features {
		texts = append(texts, f.Name, strings.TrimSuffix(f.Name+". "+f.Description, ". "))
	}
	vectors := make([]feedback.Vector, 0, len(texts))
	const batch = 256
	for start := 0; start < len(texts); start += batch {
		part, err := s.cfg.Embedder.Embed(ctx, texts[start:min(start+batch, len(texts))])
		if err != nil {
			return nil, fmt.Errorf("embed features: %w", err)
		}
		vectors = append(vectors, part...)
	}
	if len(vectors) != len(texts) {
		return nil, feedback.Errorf(feedback.Internal, "embed features: got %d vectors for %d texts", len(vectors), len(texts))
	}
	out := make([]feedback.Vector, len(features))
	for i := range out {
		name, whole := vectors[2*i], vectors[2*i+1]
		if len(name) != dimensions || len(whole) != dimensions {
			return nil, feedback.Errorf(feedback.Internal, "embed features: a vector has not the model's %d dimensions", dimensions)
		}
		sum := make(feedback.Vector, dimensions)
		for d := range sum {
			sum[d] = name[d] + whole[d]
		}
		feedback.Normalize(sum)
		out[i] = sum
	}
	return out, nil
}

// centred takes the vectors' mean from each and scales it to unit length. All clusters of a product are somewhat alike,
// and so are all of its features; only what is left says which belongs to which, and its cosine means the same whatever
// the embedder and the product. A few vectors' mean is mostly those vectors themselves, so it is shrunk as if three
// zero vectors were among them.
func centred(vectors []feedback.Vector) []feedback.Vector {
	const zeros = 3
	mean := make([]float64, len(vectors[0]))
	for _, v := range vectors {
		for d, x := range v {
			mean[d] += float64(x)
		}
	}
	for d := range mean {
		mean[d] /= float64(len(vectors) + zeros)
	}
	out := make([]feedback.Vector, len(vectors))
	for i, v := range vectors {
		c := make(feedback.Vector, len(v))
		if !isZero(v) {
			for d, x := range v {
				c[d] = float32(float64(x) - mean[d])
			}
			feedback.Normalize(c)
		}
		out[i] = c
	}
	return out
}

// isZero says whether the vector says nothing; less the mean it would say something, and wrongly.
func isZero(v feedback.Vector) bool {
	for _, x := range v {
		if x != 0 {
			return false
		}
	}
	return true
}
