mod blocks;
mod fences;
mod likeness;
mod whole;
