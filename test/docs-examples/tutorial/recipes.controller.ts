// #region all
import { Controller, Get, Param, Put } from '@nestjs/common';
import { RecipesService } from './recipes.service.js';

@Controller('recipes')
export class RecipesController {
  constructor(private readonly recipes: RecipesService) {}

  @Get('suggestion')
  suggestion() {
    return this.recipes.suggestion();
  }

  @Get(':id')
  recipe(@Param('id') id: string) {
    return this.recipes.recipe(id);
  }

  @Put(':id/:title')
  rename(@Param('id') id: string, @Param('title') title: string) {
    return this.recipes.rename(id, title);
  }
}
// #endregion
