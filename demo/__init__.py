"""The demonstration: the letter's story in 屏東縣, told with invented people and dates relative to today."""
