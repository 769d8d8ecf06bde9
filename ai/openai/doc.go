// Package openai speaks to any server that speaks OpenAI's API, through github.com/sashabaranov/go-openai: for vectors and
// for answers of a language model.
//
//	embedder, err := openai.NewEmbedder(openai.Config{BaseURL: url, APIKey: key, Model: "text-embedding-3-small", Dimensions: 512})
//	vectors, err := embedder.Embed(ctx, []string{"It still doesn't sync"})
//	chat, err := openai.NewCompleter(openai.Config{BaseURL: url, APIKey: key, Model: "gpt-4o-mini"})
//	writer := ai.NewWriter(chat)
//
// Each makes one attempt; package ai retries, counts and remembers around it. Errors name the setting that is wrong, and
// never hold the key, a text or the server's own words, which may repeat either.
package openai
