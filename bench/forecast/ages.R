# usage: Rscript ages.R OUT.csv      people by country, sex, age and year, as two R packages have them:
# Denmark on 1 January, 1971 to 2013 (N.dk of Epi); Finland, mean of the year, 1981 to 2016 (meanpop_fi of popEpi)
suppressPackageStartupMessages({library(Epi); library(popEpi)})
data(N.dk)
data(meanpop_fi)
denmark <- with(N.dk, data.frame(country = "Denmark", sex, age = A, year = P, people = N))
finland <- with(as.data.frame(meanpop_fi), data.frame(country = "Finland", sex = sex + 1, age = agegroup, year, people = meanpop))
write.csv(subset(rbind(denmark, finland), age <= 18), commandArgs(trailingOnly = TRUE)[1], row.names = FALSE)
