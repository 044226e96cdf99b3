# usage: Rscript ages.R OUT.csv      Denmark's people by sex, age and year (1 January), 1971 to 2013: dataset N.dk of the R package Epi
suppressPackageStartupMessages(library(Epi))
data(N.dk)
write.csv(N.dk[N.dk$A <= 18, c("sex", "A", "P", "N")], commandArgs(trailingOnly = TRUE)[1], row.names = FALSE)
