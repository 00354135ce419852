mod golden;
mod read_bad;
mod read_good;
mod speech;
