# usage: Rscript peers.R SERIES.csv OUT.csv      series: id,year,value (a training series each), horizon in column h
# ETS and auto.arima of the package forecast, each with its own choices, 80 and 95 % intervals.
suppressPackageStartupMessages(library(forecast))
words <- commandArgs(trailingOnly = TRUE)
rows <- read.csv(words[1], colClasses = c(id = "character"))
out <- list()
for (one in split(rows, rows$id)) {
  one <- one[order(one$year), ]
  y <- ts(one$value, start = one$year[1])
  h <- one$h[1]
  for (method in c("ets", "arima")) {
    model <- tryCatch(if (method == "ets") ets(y) else auto.arima(y), error = function(e) NULL)
    if (is.null(model)) next
    f <- forecast(model, h = h, level = c(80, 95))
    out[[length(out) + 1]] <- data.frame(
      id = one$id[1], method = method, year = max(one$year) + seq_len(h), value = as.numeric(f$mean),
      low_80 = as.numeric(f$lower[, 1]), high_80 = as.numeric(f$upper[, 1]),
      low_95 = as.numeric(f$lower[, 2]), high_95 = as.numeric(f$upper[, 2]))
  }
}
write.csv(do.call(rbind, out), words[2], row.names = FALSE)
