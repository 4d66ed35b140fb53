"""The demonstration: the story of the letter in 屏東縣, with invented people and dates relative to today."""
