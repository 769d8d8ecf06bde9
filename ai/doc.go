// Package ai holds what stands around embedders and language models, whoever serves them: retry, a budget, a cache, and
// the Writer that turns a model's answers into names and prose that can be checked.
//
// Everything wraps one of two small interfaces, so that what a setting asks for is put together in one line:
//
//	budget, err := ai.NewBudget(ai.BudgetConfig{Calls: 2000, Now: time.Now})
//	embedder := ai.NewCachingEmbedder(ai.NewRetryingEmbedder(ai.NewBudgetedEmbedder(remote, budget), ai.RetryConfig{}), 10_000)
//	writer := ai.NewWriter(ai.NewRetryingCompleter(ai.NewBudgetedCompleter(chat, budget), ai.RetryConfig{}))
//
// The budget stands inside the retry, so that every attempt is paid for; the cache stands outermost, so that what it
// knows costs nothing. A ZeroReportingEmbedder right inside the cache says when a model gives zero vectors for words.
//
// The folders hold the embedders and models themselves: builtin needs no network, openai speaks to any server that
// speaks OpenAI's API.
package ai
